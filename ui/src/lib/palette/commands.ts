// Everything the command palette offers, for the state the application is in.
import type { Theme } from "../api/types";
import type { Session } from "../state/session.svelte";
import { text } from "../text/en";
import type { Action } from "./shortcuts";

export type Command = {
  id: string;
  group: keyof typeof text.palette.groups;
  title: string;
  action?: Action;
  run: () => void;
};

export function commandsOf(session: Session): Command[] {
  const { app, chats, conversations, lists, modelPages, network, remote, settings, sweeper } = session;
  const { view, weights } = session;
  const { id, run, last, lastAnswer, deliberation } = chats.current;
  const words = text.palette;
  const command = (name: string, title: string, run: () => void, action?: Action): Command => ({
    id: name,
    group: "commands",
    title,
    run,
    ...(action && { action }),
  });

  const commands = [
    command("new", words.newChat, () => chats.startNew(), "newChat"),
    command("search", words.search, () => view.focusSearch(), "search"),
  ];
  if (run) commands.push(command("stop", words.stop, () => void chats.stop()));
  if (lastAnswer && !run) {
    commands.push(command("copy", words.copyLast, () => chats.copyLast(), "copyLast"));
    if (app.ready && !chats.running && !last?.message.summary) {
      commands.push(command("regenerate", words.regenerate, () => void chats.regenerate()));
    }
  }
  if (app.deliberates) {
    const title = deliberation ? words.dontThink : words.think;
    commands.push(command("deliberate", title, () => void chats.deliberate(!deliberation), "deliberate"));
  }
  if (chats.canSummarise && app.ready) {
    commands.push(command("summarise", words.summarise, () => void chats.summarise()));
  }
  if (id !== null) {
    commands.push(
      command("rename", words.rename, () => {
        view.sidebarOpen = true;
        conversations.renaming = id;
      }),
      command("export", words.export, () => void conversations.export(id)),
      command("delete", words.delete, () => void session.deleteConversation(id)),
    );
  }
  commands.push(
    command("settings", words.settings, () => view.openSettings(), "settings"),
    command("filter", words.filter, () => view.openSettings("filter")),
    command("models", words.models, () => view.openModels("machine")),
    command("get-models", words.getModels, () => view.openModels("get")),
    command("downloads", words.downloads, () => view.openModels("downloads")),
    command("weights", words.weights, () => weights.open()),
    command("server", words.server, () => remote.open()),
    command("network", words.network, () => network.open()),
    command("lists-update", words.updateLists, () => void lists.updateAll()),
    sweeper.running
      ? command("sweep-stop", words.stopSweep, () => void sweeper.cancel())
      : command("sweep", words.sweep, () => void sweeper.start()),
    command("report", words.report, () => void app.exportReport()),
    command("sidebar", words.sidebar, () => (view.sidebarOpen = !view.sidebarOpen)),
    command("shortcuts", words.shortcuts, () => (view.dialog = "shortcuts"), "help"),
  );
  const { offline, forced } = network.current;
  if (!forced) {
    const title = offline ? words.goOnline : words.goOffline;
    commands.push(command("offline", title, () => void network.goOffline(!offline)));
  }
  for (const [theme, name] of Object.entries(text.settings.themes) as [Theme, string][]) {
    commands.push(command(`theme-${theme}`, words.theme(name), () => settings.change({ theme })));
  }

  const models: Command[] = app.models
    .filter((model) => model.problem === null)
    .map((model) => ({
      id: `model-${model.id}`,
      group: "models",
      title: words.useModel(model.name),
      run: () => void app.selectModel(model),
    }));
  const about: Command[] = app.models.map((model) => ({
    id: `about-${model.id}`,
    group: "models",
    title: words.aboutModel(model.name),
    run: () => void modelPages.open(model.id),
  }));
  const open: Command[] = conversations.list.map((conversation) => ({
    id: `conversation-${conversation.id}`,
    group: "conversations",
    title: conversation.title || text.sidebar.untitled,
    run: () => void chats.open(conversation.id),
  }));
  return [...commands, ...models, ...about, ...open];
}

/** The commands whose title has every word of the query, those that begin with it first. */
export function match(commands: readonly Command[], query: string, limit: number): Command[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  const fitting = commands.filter(({ title }) => words.every((word) => title.toLowerCase().includes(word)));
  const first = words[0];
  const begins = ({ title }: Command) =>
    first !== undefined && title.toLowerCase().startsWith(first) ? 0 : 1;
  const order = Object.keys(text.palette.groups);
  return fitting
    .toSorted((a, b) => order.indexOf(a.group) - order.indexOf(b.group) || begins(a) - begins(b))
    .slice(0, limit);
}
