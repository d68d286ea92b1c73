import type { Argument, Database } from "tabdis";

const PLAYERS = ["ada", "alan", "barbara", "claude", "donald", "edsger", "grace", "ken", "leslie", "margaret", "niklaus", "radia"];

/** Writes the sample data, in one batch, and gives the commands to try on it. */
export async function loadSample(db: Database): Promise<string[]> {
  const commands: Argument[][] = [
    ["DEL", "leaderboard", "cart:42", "queue:mail", "tags:redis", "tags:browser"],
    ["ZADD", "leaderboard", ...PLAYERS.flatMap((name, i) => [1000 + ((i * 7919) % 911), name])],
    ["HSET", "cart:42", "sku:lamp", 1, "sku:desk", 2, "sku:chair", 4, "currency", "EUR"],
    ["EXPIRE", "cart:42", 900],
    ["RPUSH", "queue:mail", "welcome:ada", "invoice:7", "newsletter:3"],
    ["SADD", "tags:redis", "fast", "structured", "durable"],
    ["SADD", "tags:browser", "fast", "everywhere"],
    ["SET", "greeting", "Hello from a Worker"],
    ["SET", "visits", 0, "NX"],
    ["INCR", "visits"],
  ];
  for (let i = 0; i < 1000; i++) commands.push(["SET", `user:${i}`, `{"id":${i},"name":"${PLAYERS[i % PLAYERS.length]}"}`]);
  await Promise.all(commands.map((command) => db.call(...command)));
  return ["ZRANGE leaderboard 0 2 REV WITHSCORES", "HGETALL cart:42", "TTL cart:42", "LPOP queue:mail", "SINTER tags:redis tags:browser", "INCR visits"];
}
