// What jsdom lacks of the elements that the interface is made of.

/** It knows the element <dialog> but not that it can be opened. */
export function letDialogsOpen(): void {
  HTMLDialogElement.prototype.showModal = function () {
    this.open = true;
  };
  HTMLDialogElement.prototype.close = function () {
    this.open = false;
  };
}
