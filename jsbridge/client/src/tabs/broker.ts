/**
 * The broker, a SharedWorker of all tabs that run this build: hands ports of followers on to the Worker that leads, which no tab could
 * do itself. Nothing else goes through it.
 */

import type { ConnectMessage, ServeMessage } from "../protocol.js";

/** The first message of a broker to each tab: tabs that are told the same id can hand each other ports. */
export interface BrokerHello {
  type: "hello";
  broker: string;
}

/** What the leader's Worker gets, with the port of a link. */
export interface HandedLink {
  type: "link";
  tab: string;
}

export function runBroker(scope: { onconnect: ((event: MessageEvent) => void) | null }): void {
  const broker = crypto.randomUUID();
  const leaders = new Map<string, MessagePort>();
  const forgetWhenGone = (leader: string, lock: string): Promise<void> =>
    navigator.locks.request(lock, () => {
      leaders.get(leader)?.close();
      leaders.delete(leader);
    });
  scope.onconnect = ({ ports: [tab] }) => {
    if (tab === undefined) return;
    tab.onmessage = ({ data, ports: [port] }: MessageEvent<ServeMessage | ConnectMessage>) => {
      if (port === undefined) return;
      if (data.type === "serve") {
        if (!leaders.has(data.leader) && data.lock !== undefined) void forgetWhenGone(data.leader, data.lock);
        leaders.get(data.leader)?.close();
        leaders.set(data.leader, port);
        return;
      }
      const leader = leaders.get(data.leader);
      if (leader === undefined) tab.postMessage({ type: "unknown", leader: data.leader });
      else leader.postMessage({ type: "link", tab: data.tab } satisfies HandedLink, [port]);
    };
    tab.postMessage({ type: "hello", broker } satisfies BrokerHello);
  };
}
