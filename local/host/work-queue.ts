export interface WorkQueue {
  /** Asks for a run of `key`. A key never runs twice at once; one added while it runs is run again afterwards. */
  add(key: string): void;
  isIdle(): boolean;
  /** Starts nothing more and resolves when what runs has ended. */
  close(): Promise<void>;
}

export interface WorkQueueOptions {
  concurrency: number;
  run: (key: string) => Promise<void>;
  onIdle: () => void;
  onError: (key: string, error: unknown) => void;
}

/** First in, first out, bounded, and fair to the event loop: incoming requests are served between two rounds. */
export function createWorkQueue({ concurrency, run, onIdle, onError }: WorkQueueOptions): WorkQueue {
  const waiting = new Set<string>();
  const running = new Map<string, Promise<void>>();
  let scheduled = false;
  let closed = false;

  function schedule(): void {
    if (scheduled || closed) return;
    scheduled = true;
    setImmediate(startWaiting);
  }

  function startWaiting(): void {
    scheduled = false;
    for (const key of waiting) {
      if (closed || running.size >= concurrency) return;
      if (running.has(key)) continue;
      waiting.delete(key);
      running.set(key, runOne(key));
    }
  }

  async function runOne(key: string): Promise<void> {
    try {
      await run(key);
    } catch (error) {
      onError(key, error);
    }
    running.delete(key);
    if (waiting.size > 0) schedule();
    else if (running.size === 0) onIdle();
  }

  return {
    add(key) {
      waiting.add(key);
      schedule();
    },
    isIdle: () => waiting.size === 0 && running.size === 0,
    async close() {
      closed = true;
      await Promise.all(running.values());
    },
  };
}
