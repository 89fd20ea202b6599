// The time, looked at anew now and then: what says "checked today" must not say so tomorrow. It ticks only while
// something on the screen shows it.
import { createSubscriber } from "svelte/reactivity";

const TICK = 10 * 60 * 1000;

export class Clock {
  readonly #shown = createSubscriber((update) => {
    const timer = setInterval(update, TICK);
    return () => clearInterval(timer);
  });

  get now(): number {
    this.#shown();
    return Date.now();
  }
}
