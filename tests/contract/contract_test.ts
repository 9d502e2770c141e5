// Every transport keeps the contract.
import { LOOPBACK } from "./loopback.ts";
import { MAILBOXES } from "./mailbox.ts";
import { MESSAGE } from "./message.ts";
import { SHMEM } from "./shmem.ts";
import { testContract } from "./suite.ts";
import { VIRTIO } from "./virtio.ts";

for (const transport of [LOOPBACK, MESSAGE, SHMEM, ...MAILBOXES, VIRTIO]) testContract(transport);
