import { useEffect, useState } from "react";
import { open } from "tabdis";

async function visit() {
  let db = await open({ name: "visits", appendfsync: "always" });
  await db.call("INCR", "visits");
  await db.close();

  db = await open({ name: "visits" });
  return db.call("GET", "visits");
}

/** Rendered on the server first, where there is no store, then in the page. */
export function App() {
  const [visits, setVisits] = useState();
  useEffect(() => {
    visit().then(setVisits, (error) => setVisits(error.message));
  }, []);
  return <output>{visits === undefined ? "opening" : `visit ${visits}`}</output>;
}
