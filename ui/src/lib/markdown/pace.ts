// When work on the page is done. What a person does is to be answered within a tenth of a second, so no frame is given more
// than that; what is left is done in the frames that follow, a little in each.

export interface Pace {
  /** Milliseconds, from any beginning. */
  now(): number;
  /** Work begins that can't wait; it may share its frame with other work. */
  begin(): void;
  /** Whether this frame has had its time. */
  spent(): boolean;
  /** Calls back in a frame to come, until the function that it gives back is called. */
  later(work: () => void): () => void;
}

/** All of it, now. */
export const atOnce: Pace = {
  now: () => 0,
  begin: () => {},
  spent: () => false,
  later: () => () => {},
};

/** Milliseconds that a frame may take which shows something for the first time. */
const FIRST = 80;
/** Milliseconds of each frame that goes on with it. */
const NEXT = 12;
/** A hidden window gets no frames; its work goes on this often, in milliseconds, and nobody waits for its end. */
const HIDDEN_FRAME = 250;

/** Shared by all that is drawn in a window. */
class Frames implements Pace {
  readonly #waiting = new Set<() => void>();
  #until = 0;
  #frame: number | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  now(): number {
    return performance.now();
  }

  begin(): void {
    if (this.#frame !== undefined) return;
    this.#until = this.now() + FIRST;
    this.#schedule();
  }

  spent(): boolean {
    return this.now() >= this.#until;
  }

  later(work: () => void): () => void {
    this.#waiting.add(work);
    this.#schedule();
    return () => void this.#waiting.delete(work);
  }

  #schedule(): void {
    if (this.#frame !== undefined) return;
    this.#frame = requestAnimationFrame(() => this.#run(NEXT));
    this.#timer = setTimeout(() => this.#run(FIRST), HIDDEN_FRAME);
  }

  #run(time: number): void {
    if (this.#frame !== undefined) cancelAnimationFrame(this.#frame);
    clearTimeout(this.#timer);
    this.#frame = undefined;
    this.#until = this.now() + time;
    // Each in turn gets to the front: what asks again stands behind the others.
    for (const work of [...this.#waiting]) {
      this.#waiting.delete(work);
      work();
      if (this.spent()) break;
    }
    if (this.#waiting.size > 0) this.#schedule();
  }
}

export const frames: Pace = new Frames();
