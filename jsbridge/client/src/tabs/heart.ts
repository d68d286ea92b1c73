/** How often a Worker is asked whether it lives, in ms, and how many questions it may leave unanswered. */
const BEAT = 1000;
const MISSED = 3;

/**
 * Asks a Worker from time to time whether it lives. Questions are counted and not the time: a page whose timers stood still, in the
 * background or with its whole browser, has had no time to hear an answer.
 */
export class Heart {
  #timer: ReturnType<typeof setInterval> | undefined;
  #unanswered = 0;
  #asked = -Infinity; // last, in ms

  readonly #ask: () => boolean;
  readonly #silent: (ms: number) => void;

  /**
   * @param ask sends a question; false when there is nothing to ask for: then the heart rests.
   * @param silent is called at each beat at which too many questions are unanswered, with how long that has been so, in ms.
   */
  constructor(ask: () => boolean, silent: (ms: number) => void) {
    this.#ask = ask;
    this.#silent = silent;
  }

  /** Begins to beat, if it doesn't. */
  beat(): void {
    this.#timer ??= setInterval(() => this.#once(), BEAT);
  }

  /** Beats now, if it is time: a page in the background, whose timers are throttled to one a minute, beats by others' words. */
  pulse(): void {
    this.beat();
    if (performance.now() - this.#asked >= BEAT) this.#once();
  }

  #once(): void {
    const now = performance.now();
    if (now - this.#asked < BEAT / 2) return; // a timer and a word together are one beat
    this.#asked = now;
    if (!this.#ask()) {
      this.rest();
      return;
    }
    if (this.#unanswered++ >= MISSED) this.#silent(this.#unanswered * BEAT);
  }

  /** The Worker has said something. */
  heard(): void {
    this.#unanswered = 0;
  }

  rest(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#unanswered = 0;
  }
}
