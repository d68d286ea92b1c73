const KEY = "tabdis.history";
const MOST = 500;

/** The lines typed before, kept over reloads. Up goes back, down forth, and past the newest the unfinished line comes again. */
export class History {
  private readonly lines: string[] = load();
  private at = this.lines.length;
  private draft = "";

  add(line: string): void {
    if (line !== this.lines.at(-1)) this.lines.push(line);
    if (this.lines.length > MOST) this.lines.splice(0, this.lines.length - MOST);
    this.at = this.lines.length;
    localStorage.setItem(KEY, JSON.stringify(this.lines));
  }

  up(current: string): string {
    if (this.at === 0) return current;
    if (this.at === this.lines.length) this.draft = current;
    return this.lines[--this.at] ?? current;
  }

  down(current: string): string {
    if (this.at === this.lines.length) return current;
    return this.lines[++this.at] ?? this.draft;
  }
}

function load(): string[] {
  try {
    const lines: unknown = JSON.parse(localStorage.getItem(KEY) ?? "[]");
    return Array.isArray(lines) ? lines.filter((line) => typeof line === "string") : [];
  } catch {
    return []; // something else has written there
  }
}
