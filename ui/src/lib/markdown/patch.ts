// Makes one piece of DOM equal to another while changing as little of it as possible, so that focus, a selection and the
// scroll position of a code block survive while the block around them is still being written.

export function patch(target: Node, wanted: Node): void {
  let current = target.firstChild;
  for (const next of wanted.childNodes) {
    if (current === null) {
      target.appendChild(next.cloneNode(true));
      continue;
    }
    const following: ChildNode | null = current.nextSibling;
    if (current instanceof Text && next instanceof Text) {
      if (current.data !== next.data) current.data = next.data;
    } else if (current instanceof Element && next instanceof Element && current.tagName === next.tagName) {
      patchAttributes(current, next);
      patch(current, next);
    } else {
      target.replaceChild(next.cloneNode(true), current);
    }
    current = following;
  }
  while (current !== null) {
    const following: ChildNode | null = current.nextSibling;
    current.remove();
    current = following;
  }
}

function patchAttributes(target: Element, wanted: Element): void {
  for (const { name } of [...target.attributes]) {
    if (!wanted.hasAttribute(name)) target.removeAttribute(name);
  }
  for (const { name, value } of wanted.attributes) {
    if (target.getAttribute(name) !== value) target.setAttribute(name, value);
  }
}
