// Code grammars and the math typesetter are loaded when a text first needs them. Whoever renders reads `version`, and so
// renders again when something has arrived; until then the plain form is shown.
class Late {
  version = $state(0);

  arrived(): void {
    this.version += 1;
  }
}

export const late = new Late();
