// What htmx alone cannot do: refresh only while somebody looks, and say what changed.
const INTERVAL = 3_000;

const live = () => document.querySelector('[data-live]');
const isWanted = () => document.querySelector('#live-switch')?.checked !== false;

setInterval(() => {
  const part = live();
  // A hidden tab, an open selection or a filter that is being typed is left alone.
  if (part === null || document.hidden || !isWanted()) return;
  if (document.getSelection()?.type === 'Range' || part.contains(document.activeElement?.closest('form')))
    return;
  globalThis.htmx.trigger(part, 'refresh');
}, INTERVAL);

document.addEventListener('visibilitychange', () => {
  const part = live();
  if (!document.hidden && part !== null && isWanted()) globalThis.htmx.trigger(part, 'refresh');
});

// Assistive technology hears the summary, and only when it is another one.
document.addEventListener('htmx:afterSettle', () => {
  const announcer = document.querySelector('#announcer');
  const summary = live()?.dataset.summary;
  if (announcer !== null && summary !== undefined && announcer.textContent !== summary)
    announcer.textContent = summary;
});

// A click that cannot be undone asks first.
document.addEventListener('submit', (event) => {
  const question = event.submitter?.dataset.ask;
  if (question !== undefined && !globalThis.confirm(question)) event.preventDefault();
});
