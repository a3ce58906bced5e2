import { createRoot } from "react-dom/client";
import { App } from "./shell/app";
import "./shell/base.css";
import "./shell/ward.css";

const root = document.getElementById("root");
if (root) createRoot(root).render(<App />);
