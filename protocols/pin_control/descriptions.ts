// Pin control protocol: what pins, groups and functions are, and how they belong together. SCMI 4.11.
import { hasExtendedName, nameReply } from "../names.ts";
import { pageOf } from "../paging.ts";
import type { Handler } from "../protocol.ts";
import { type PinControlContext, SELECTOR } from "./context.ts";
import type * as messages from "./messages.ts";

const ID_SIZE = 2;
const RETURNED_MAX = 0xfff;

export const attributes: Handler<typeof messages.PINCTRL_PROTOCOL_ATTRIBUTES, PinControlContext> = (
  _params,
  { view },
) => ({
  attributesLow: { pinGroupCount: view.groups.length, pinCount: view.pins.length },
  attributesHigh: { pinFunctionCount: view.functions.length },
});

export const elementAttributes: Handler<typeof messages.PINCTRL_ATTRIBUTES, PinControlContext> = (
  { identifier, flags: { selector } },
  context,
) => {
  if (selector === SELECTOR.function) {
    const one = context.view.functions[identifier]!;
    return {
      attributes: {
        hasExtendedName: hasExtendedName(one.name),
        isGpio: one.isGpio,
        worksOnPins: one.pins.length > 0,
        elementCount: context.view.associationsOf(one).length,
      },
      name: one.name,
    };
  }
  const unit = context.unitOf({ selector, id: identifier });
  return {
    attributes: {
      hasExtendedName: hasExtendedName(unit.name),
      isGpio: false,
      worksOnPins: false,
      elementCount: context.view.associationsOf(unit).length,
    },
    name: unit.name,
  };
};

export const listAssociations: Handler<typeof messages.PINCTRL_LIST_ASSOCIATIONS, PinControlContext> = (
  { identifier, flags: { selector }, index },
  context,
) => {
  // Nothing is associated with a pin.
  if (selector === SELECTOR.pin) return "INVALID_PARAMETERS";
  const one = selector === SELECTOR.group
    ? context.view.groups[identifier]!
    : context.view.functions[identifier]!;
  // The list is padded to words, so half a word of room is none.
  const room = context.session.room & ~3;
  const bounds = { room, itemSize: ID_SIZE, countMax: RETURNED_MAX };
  const page = pageOf(context.view.associationsOf(one), index, bounds);
  if (page === null) return "INVALID_PARAMETERS";
  return {
    counts: { returned: page.items.length, remaining: page.remaining },
    identifiers: page.items,
  };
};

export const nameGet: Handler<typeof messages.PINCTRL_NAME_GET, PinControlContext> = (
  { identifier, flags: { selector } },
  context,
) => {
  const { name } = selector === SELECTOR.function
    ? context.view.functions[identifier]!
    : context.unitOf({ selector, id: identifier });
  const reply = nameReply(name);
  // Other protocols say NOT_SUPPORTED here; those who have built this one say that there is no such name.
  return reply === "NOT_SUPPORTED" ? "NOT_FOUND" : reply;
};
