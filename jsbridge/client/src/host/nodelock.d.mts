/** Takes the lock, from an owner that is dead if need be; throws a LockedError while somebody has it. */
export function takeLock(path: string): void;

/** Gives up a lock of this thread. */
export function giveUpLock(path: string): void;

/** Gives up what an instance that has died had locked. */
export function giveUpLocks(): void;

/** Gives up the lock that a thread of this process has left when it ended. */
export function giveUpLockOf(path: string, thread: number): void;
