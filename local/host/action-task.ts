/** A piece of work that settles once, synchronously: a promise without its delay, so that the order of numbers is exact. */
export interface Task {
  settled: boolean;
  settle(failed: boolean): void;
  onSettled(listener: (failed: boolean) => void): void;
}

export function createTask(): Task {
  const listeners: ((failed: boolean) => void)[] = [];
  let outcome = false;
  const task: Task = {
    settled: false,
    settle(failed) {
      if (task.settled) return;
      task.settled = true;
      outcome = failed;
      for (const listener of listeners) listener(failed);
    },
    onSettled: (listener) => (task.settled ? listener(outcome) : void listeners.push(listener)),
  };
  return task;
}

export function settledTask(): Task {
  const task = createTask();
  task.settle(false);
  return task;
}

/** Task.any and Task.all of .NET: the latter waits for every task, even when one has failed already. */
export function createCompoundTask(children: readonly Task[], any: boolean): Task {
  const whole = createTask();
  let left = children.length;
  for (const child of children) {
    child.onSettled(() => {
      left--;
      if (any || left === 0) whole.settle(false);
    });
  }
  return whole;
}
