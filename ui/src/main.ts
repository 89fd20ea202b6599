import { mount } from "svelte";
import App from "./App.svelte";
import { client } from "./lib/api/client";
import "./lib/design/tokens.css";
import "./lib/design/base.css";
import "./lib/design/prose.css";
import { Session } from "./lib/state/session.svelte";
import { applyTheme } from "./lib/state/theme";

applyTheme("system");

const target = document.getElementById("app");
if (!target) throw new Error("index.html has an element #app");

const session = new Session(client);
mount(App, { target, props: { session } });
void session.start();
