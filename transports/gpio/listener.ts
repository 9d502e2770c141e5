// The `gpio:` transport: a vhost-user back-end for a virtio-gpio device, listening on a Unix socket.

import type { Endpoint } from "../channel.ts";
import type { Reactor } from "../ffi/reactor.ts";
import { listenDevice } from "../vhost_user/device_endpoint.ts";
import { GpioDevice, LINE_COUNT_MAX } from "./gpio_device.ts";
import type { GpioLine } from "./gpio_line.ts";

/**
 * Serves lines at a socket path; a line's place is its number. `report` gets one line of text for each thing a front-end
 * or its guest does wrong, a bounded number of them. An error is one line with the path and what to do.
 */
export function listenGpio(
  reactor: Reactor,
  path: string,
  lines: readonly GpioLine[],
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  if (lines.length === 0 || lines.length > LINE_COUNT_MAX) {
    return { error: `Cannot serve ${lines.length} GPIO lines at ${path}: 1 to ${LINE_COUNT_MAX} can be` };
  }
  return listenDevice(reactor, path, {
    scheme: "gpio",
    makeDevice: (driver) => new GpioDevice(lines, driver),
    report,
  });
}
