/** The console begins here. */
import "./ui/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { reloadOnce } from "./app/reload";
import { startRouter } from "./app/router";
import { startTheme } from "./app/theme";
import { showUnreadable } from "./app/unreadable";
import { startTexts } from "./i18n";

startTheme();
const root = document.getElementById("root");
if (root)
  Promise.all([startRouter(), startTexts()]).then(
    ([router]) => createRoot(root).render(<App router={router} />),
    async () => {
      if (!(await reloadOnce())) showUnreadable(root);
    },
  );
