// The `virtio:` transport: a vhost-user back-end for a virtio-scmi device, listening on a Unix socket.

import type { AgentPort, Endpoint } from "../channel.ts";
import type { Reactor } from "../ffi/reactor.ts";
import { ScmiDevice } from "../virtio/scmi_device.ts";
import { listenDevice } from "./device_endpoint.ts";
import type { MakeDevice } from "./session.ts";

/**
 * Serves an agent at a socket path. `report` gets one line for each thing a front-end or its guest does wrong, a bounded
 * number of them. An error is one line with the path and what to do.
 */
export function listenVhostUser(
  reactor: Reactor,
  path: string,
  port: AgentPort,
  report: (text: string) => void = () => {},
): Endpoint | { error: string } {
  const makeDevice: MakeDevice = (driver) => new ScmiDevice(port, driver);
  return listenDevice(reactor, path, { scheme: "virtio", makeDevice, report });
}
