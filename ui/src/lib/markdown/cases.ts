// Texts for the tests of the Markdown pipeline. "▮" is the place of a removal; every test turns it into a removed segment.
import type { Segment } from "../api/types";

export const REMOVED: Segment = { type: "removed", kind: "email", list: "requests", entry: "r-7" };

export function segmentsOf(marked: string): Segment[] {
  return marked
    .split("▮")
    .flatMap((text, index): Segment[] => [
      ...(index > 0 ? [REMOVED] : []),
      ...(text === "" ? [] : [{ type: "text" as const, text }]),
    ]);
}

/** Whose meaning is plain, and whose meaning depends on what comes later: both must stream to the same page. */
export const STREAM_CASES: Record<string, string> = {
  "plain paragraphs": "First one.\n\nSecond one,\nwith two lines.\n\nThird.",
  emphasis: "a **bold** and *italic* and ***both*** and ~~gone~~ word",
  "removal in a sentence": "Write to ▮ or ▮, please.",
  "removal in bold": "Ask **▮ today** or *▮*.",
  "removal at word ends": "a▮b **c▮**d",
  "removal in a heading": "# About ▮\n\ntext",
  "removal in a link text": "see [the page of ▮](https://example.org/a)",
  "removal in a link target": "see [this](mailto:▮) now",
  "removal in a code span": "run `mail ▮ --now` twice",
  "removal in a code block": "```sh\nmail ▮\necho done\n```\n\nafter",
  "removal in the language of a code block": "```▮\nx\n```",
  "removal in a table": "| who | where |\n|---|:--:|\n| ▮ | Bern |\n| B | ▮ |\n\nend",
  "removal in a quote": "> said ▮\n> yesterday",
  "removal in nested lists": "- one ▮\n  - two **▮**\n    1. three\n- four",
  "removal alone": "▮",
  "many removals together": "▮▮▮ ▮",
  "unclosed emphasis": "this is **not closed and *neither this",
  "unclosed fence": "```js\nconst a = 1;\n",
  "fence with tildes": "~~~\na ``` b\n~~~\nc",
  "setext heading": "Title\n===\n\nOther\n---\n\ntext",
  "dash that becomes a list": "Title\n- a\n- b",
  "loose list": "- a\n\n- b\n\n  still b\n\nout",
  "ordered from seven": "7. a\n8. b",
  tasks: "- [ ] open\n- [x] done ▮",
  "definition after its use":
    "see [the site][s] and [other].\n\n[s]: https://example.org\n\n[other]: mailto:▮\n",
  "table that begins as a paragraph": "a | b\n--|--\n1 | 2",
  "line break in a table": "| a |\n|---|\n| x<br>y |",
  rule: "a\n\n---\n\nb",
  "hard breaks": "a  \nb\\\nc",
  "indented code": "text\n\n    code ▮\n\n    more\n\nend",
  "inline math": "so $a_1 + b^2$ costs $5 and $10, \\(x\\)",
  "block math": "$$\n\\int x\n$$\n\n\\[ y \\]\n\nend",
  "removal in math": "$x_{▮}$",
  autolinks: "https://example.org/a?b=c and <https://example.com> and me@example.org",
  entities: "a &amp; b &lt;c&gt; &copy; &#60;script&#62;",
  escapes: "\\*not\\* \\[a\\](b) \\`c\\`",
  "raw html": "before <b>bold</b> <br> after\n\n<div>\n**x**\n</div>\n\nend",
  "html comment": "a <!-- b --> c\n\n<!--\nd\n\ne\n-->\nf",
  "right to left": "## مرحبا\n\nنص **مهم** مع `code` و ▮\n\n- واحد\n- اثنان",
  "emoji and wide letters": "👩‍👩‍👧 *漢字* 🇨🇭 ▮ ok",
  "windows lines": "a\r\n\r\n- b\r\n- c\r\n",
  image: "![a picture of ▮](https://example.org/x.png)",
  "deep quote": "> a\n>\n> > b ▮\n>\n> - c\n\nd",
};

/** What a hostile or careless model may write. None of it may do anything. */
export const HOSTILE: Record<string, string> = {
  script: "<script>alert(1)</script>",
  "script in a paragraph": "text <script src=https://x.example/a.js></script> text",
  "image with a handler": "<img src=x onerror=alert(1)>",
  "markdown image": "![x](https://x.example/track.png?who=me)",
  "data image": "![x](data:image/svg+xml;base64,PHN2Zz4=)",
  "link to a script": "[x](javascript:alert(1))",
  "link to a script, disguised": "[x](JaVa&#115;cript:alert(1))",
  "autolinked script": "<javascript:alert(1)>",
  "link to data": "[x](data:text/html,<script>alert(1)</script>)",
  "reference to a script": "[x]\n\n[x]: javascript:alert(1)",
  "quote in a target": '[x](https://x.example/"onmouseover="alert(1))',
  "quote in a title": '[x](https://x.example "a\\"onclick=\\"alert(1)")',
  style: "<style>body{display:none}</style>",
  "style attribute": '<p style="position:fixed;inset:0">x</p>',
  form: '<form action="https://x.example"><input name=a><button>ok</button></form>',
  iframe: '<iframe src="https://x.example"></iframe>',
  svg: "<svg onload=alert(1)><a href='javascript:alert(1)'>x</a></svg>",
  "math with a link": "<math><maction actiontype='statusline#https://x.example'>x</maction></math>",
  meta: '<meta http-equiv="refresh" content="0;url=https://x.example">',
  base: '<base href="https://x.example/">',
  "link element": '<link rel="stylesheet" href="https://x.example/a.css">',
  object: '<object data="https://x.example/a.swf"></object>',
  details: "<details open ontoggle=alert(1)>x</details>",
  "broken tag": "<img src=x onerror=alert(1)//",
  "nested broken tags": "<<script>script>alert(1)<</script>/script>",
  "language that breaks out": '```"><img src=x onerror=alert(1)>\ncode\n```',
  "code that breaks out": "`</code><img src=x onerror=alert(1)>`",
  "fence that breaks out": "```\n</code></pre><script>alert(1)</script>\n```",
  "highlighted code that breaks out": '```js\n"</span><img src=x onerror=alert(1)>"\n```',
  "table cell": "| a |\n|---|\n| <img src=x onerror=alert(1)> |",
  "alt text that breaks out": '!["><img src=x onerror=alert(1)>](x)',
  "entity tags": "&lt;img src=x onerror=alert(1)&gt; &#60;script&#62;alert(1)&#60;/script&#62;",
  "tex link": "$\\href{javascript:alert(1)}{x}$",
  "tex image": "$$\\includegraphics{https://x.example/a.png}$$",
  "tex html": "$\\htmlStyle{position:fixed}{x}$",
  "template clobbering": '<template><script>alert(1)</script></template><a id="body" name="head">x</a>',
};
