// Loaded before a program: its clock is five and a half minutes ahead, more than receivers allow, while timers and performance.now() go on as they are.
const SKEW = 330_000;
const RealDate = Date;

globalThis.Date = class extends RealDate {
  constructor(...parts) {
    if (parts.length === 0) super(RealDate.now() + SKEW);
    else super(...parts);
  }

  static now() {
    return RealDate.now() + SKEW;
  }
};
