import assert from "node:assert/strict";
import { afterEach, beforeEach, describe, it, mock } from "node:test";
import { Heart } from "../src/tabs/heart.js";

describe("a heart", () => {
  let now = 0;
  let asked = 0;
  let silent = 0;
  let heart: Heart;

  beforeEach(() => {
    now = asked = silent = 0;
    mock.timers.enable({ apis: ["setInterval"] });
    mock.method(performance, "now", () => now);
    heart = new Heart(
      () => ++asked > 0,
      () => silent++,
    );
  });

  afterEach(() => {
    heart.rest();
    mock.timers.reset();
    mock.restoreAll();
  });

  const passes = (ms: number): void => {
    now += ms;
    mock.timers.tick(ms);
  };

  it("calls a Worker silent that leaves three questions unanswered", () => {
    heart.beat();
    for (let i = 0; i < 3; i++) passes(1000);
    assert.deepEqual([asked, silent], [3, 0]);
    passes(1000);
    assert.equal(silent, 1);
    heart.heard();
    for (let i = 0; i < 3; i++) passes(1000);
    assert.equal(silent, 1, "one that answers");
  });

  it("beats by others' words where its timers stand still", () => {
    for (let i = 0; i < 4; i++, now += 1000) heart.pulse();
    assert.deepEqual([asked, silent], [4, 1]);
  });

  it("takes many words at once for one, and a word with a timer too", () => {
    for (let i = 0; i < 100; i++) heart.pulse();
    assert.deepEqual([asked, silent], [1, 0]);
    for (let i = 0; i < 2; i++) {
      passes(1000);
      heart.pulse();
    }
    assert.deepEqual([asked, silent], [3, 0]);
  });
});
