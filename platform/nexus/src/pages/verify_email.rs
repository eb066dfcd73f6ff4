//! `/verify-email`: what the link of a verification mail opens.
//!
//! The token is in the link's fragment, which browsers send to no server: the page reads it and hands it to `POST /api/v1/auth/verify-email` when the person
//! says so. Not at once: programs that open the links of a mail to look for malice must not prove its address.
//!
//! Only a program without a console shows it: the console has a page of that name.

use actix_web::HttpResponse;

use super::page;

const BODY: &str = "<h1>Confirm your e-mail address</h1><p id=\"said\" role=\"status\">One click tells that this address is yours.</p>\
    <button id=\"confirm\">Confirm</button><noscript><p>This page needs JavaScript.</p></noscript>";

const SCRIPT: &str = r#""use strict";
const said = document.getElementById("said"), button = document.getElementById("confirm");
const token = new URLSearchParams(location.hash.slice(1)).get("token");
const end = (text) => { said.textContent = text; button.hidden = true; };
if (!token) end("The link is incomplete. Open it from the mail again, or copy the whole of it.");
button.addEventListener("click", async () => {
  button.disabled = true;
  try {
    const answer = await fetch("/api/v1/auth/verify-email", {
      method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ token }),
    });
    if (answer.ok) return end("Thank you. Your address is confirmed.");
    const { error } = await answer.json();
    if (answer.status === 422) return end(error.message);
    said.textContent = error.message;
  } catch {
    said.textContent = "The server does not answer. Try again shortly.";
  }
  button.disabled = false;
});"#;

/// The page, where no console answers instead.
pub fn show() -> HttpResponse {
    page("Confirm your e-mail address", BODY, Some(SCRIPT))
}
