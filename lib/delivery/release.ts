/** Gives a place back. */
export type Release = () => void;

/** Does nothing when called again. */
export function once(run: () => void): Release {
  let done = false;
  return () => {
    if (done) return;
    done = true;
    run();
  };
}
