// What a model is, in one line below its name.
import type { ModelView } from "../api/types";
import { text } from "../text/en";

export function factsOf(model: ModelView): string {
  const { remote, quantization, bytes, contextTrained, architecture, speed } = model;
  return [
    quantization,
    remote === null && text.models.size(bytes),
    contextTrained > 0 && text.models.context(contextTrained),
    architecture,
    speed !== null && text.manager.machine.speed(speed.answerRate),
  ]
    .filter(Boolean)
    .join(" · ");
}
