import { createRoot } from "react-dom/client";
import "ol/ol.css";
import "./styles/main.css";
import "./data/appearance";
import { App } from "./app";

const root = document.getElementById("root");
if (!root) throw new Error("the page has no root");
createRoot(root).render(<App />);
