// Everything works without this: forms are sent and pages are shown by the browser. With it, a pressed button changes only what it is about, and what is on
// its way is shown as it arrives.
'use strict';

const sayings = (root) => [...root.querySelectorAll('[data-announce]')].map((element) => element.dataset.announce);

const read = async (response) => new DOMParser().parseFromString(await response.text(), 'text/html');

// Puts in place what the server answered, leaves the focus where it was, and says aloud what is new.
const show = (target, replacement) => {
    const before = new Set(sayings(target));
    const focused = document.activeElement?.id;
    target.replaceWith(replacement);
    if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
    const news = sayings(replacement).filter((text) => !before.has(text));
    if (news.length > 0) document.getElementById('announcer').textContent = news.join(' ');
    watch();
};

let waiting;
const watch = () => {
    clearTimeout(waiting);
    const live = document.querySelector('[data-poll]');
    if (!live) return;
    waiting = setTimeout(async () => {
        try {
            const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
            const next = response.ok ? (await read(response)).getElementById(live.id) : null;
            if (next) show(live, next); else watch();
        } catch {
            watch();
        }
    }, Number(live.dataset.poll));
};

document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-in-place]')) return;
    event.preventDefault();
    form.setAttribute('aria-busy', 'true');
    try {
        const response = await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)) });
        const main = (await read(response)).getElementById('content');
        if (!main || new URL(response.url).pathname !== location.pathname) location.assign(response.url);
        else show(document.getElementById('content'), main);
    } catch {
        location.reload();
    }
});

watch();
