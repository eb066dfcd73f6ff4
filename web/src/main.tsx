/** The console begins here. */
import "./ui/base.css";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startTheme } from "./app/theme";
import { startTexts } from "./i18n";

startTheme();
const root = document.getElementById("root");
if (root) startTexts().then(() => createRoot(root).render(<App />));
