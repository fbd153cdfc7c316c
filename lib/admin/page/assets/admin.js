// What htmx alone cannot do: refresh only while somebody looks, say what changed or went wrong, and send a form once.
const INTERVAL = 3_000;
/** Milliseconds after which a form whose post was not answered, or was stopped, may be sent again. */
const PATIENCE = 30_000;

/** Forms that were posted, until the page is left. */
const posted = new Set();

const live = () => document.querySelector('[data-live]');
const isWanted = () => document.querySelector('#live-switch')?.checked !== false;

/** Whether another part in its place would disturb: an open selection, what is typed or scrolled, a form on its way. */
function isUsed(part) {
  if (posted.size > 0 || document.getSelection()?.type === 'Range') return true;
  const focused = document.activeElement;
  // htmx finds the focus again by the id.
  if (part.contains(focused) && (focused.id === '' || focused.closest('form') !== null)) return true;
  return [...part.querySelectorAll('pre, .scroll')].some((one) => one.scrollTop > 0 || one.scrollLeft > 0);
}

function refresh() {
  const part = live();
  // What is finished changes no more.
  if (part === null || part.dataset.live === 'finished' || document.hidden || !isWanted()) return;
  if (!isUsed(part)) globalThis.htmx.trigger(part, 'refresh');
}

setInterval(refresh, INTERVAL);
document.addEventListener('visibilitychange', refresh);

// Assistive technology hears the summary, and only when it is another one.
document.addEventListener('htmx:afterSettle', () => {
  const announcer = document.querySelector('#announcer');
  const summary = live()?.dataset.summary;
  if (announcer !== null && summary !== undefined && announcer.textContent !== summary)
    announcer.textContent = summary;
});

document.addEventListener('htmx:beforeSwap', (event) => {
  const { detail, target } = event;
  if (!detail.shouldSwap) return;
  const wanted = detail.requestConfig.elt.getAttribute('hx-select');
  if (wanted === null) return;
  const answer = new DOMParser().parseFromString(detail.serverResponse, 'text/html');
  if (answer.querySelector(wanted) === null) {
    // Another page, such as one to log in: in the place of the part there would be nothing.
    detail.shouldSwap = false;
    tellFailure(target);
  } else if (target.matches('[data-live]')) {
    if (isUsed(target)) detail.shouldSwap = false;
    document.querySelector('#stale').hidden = true;
  }
});

for (const failure of ['htmx:responseError', 'htmx:sendError', 'htmx:timeout'])
  document.addEventListener(failure, ({ target }) => tellFailure(target));

/** Says that a step of many, or a refresh, got no answer that can be shown. */
function tellFailure(element) {
  if (element.closest('[data-live]') !== null) document.querySelector('#stale').hidden = false;
  const many = element.closest('#bulk');
  if (many === null) return;
  // A bar would look as if it went on.
  many.querySelector('progress')?.remove();
  for (const part of many.querySelectorAll('[data-failed]')) part.hidden = false;
}

document.addEventListener('submit', (event) => {
  const form = event.target;
  // htmx has taken it, and sends one after the other.
  if (event.defaultPrevented) return;
  // A second click would do the same again: another webhook, another delivery, another secret.
  if (posted.has(form)) {
    event.preventDefault();
    return;
  }
  // A click that cannot be undone asks first.
  const question = event.submitter?.dataset.ask;
  if (question !== undefined && !globalThis.confirm(question)) {
    event.preventDefault();
    return;
  }
  // By its attribute: a form with a field named `method` has that in the place of its own.
  if (form.getAttribute('method') !== 'post') return;
  posted.add(form);
  setTimeout(() => posted.delete(form), PATIENCE);
});

// The page may be come back to as it was left.
addEventListener('pageshow', () => posted.clear());
