// Everything works without this: forms are sent and pages are shown by the browser. With it, a pressed button changes only what it is about, and what is on
// its way is shown as it arrives.
'use strict';

const sayings = (root) => [...root.querySelectorAll('[data-announce]')].map((element) => element.dataset.announce);

const read = async (response) => new DOMParser().parseFromString(await response.text(), 'text/html');

// Puts in place what the server answered, if it is something new, leaves the focus where it was, and says aloud what is new.
let seen = document.getElementById('content').innerHTML;
const show = (answered) => {
    const [content, next] = [document.getElementById('content'), answered.getElementById('content')];
    if (next.innerHTML !== seen) {
        const before = new Set(sayings(content));
        const focused = document.activeElement?.id;
        seen = next.innerHTML;
        document.title = answered.title;
        content.replaceWith(next);
        if (focused) document.getElementById(focused)?.focus({ preventScroll: true });
        const news = sayings(next).filter((text) => !before.has(text));
        if (news.length > 0) document.getElementById('announcer').textContent = news.join(' ');
    }

    watch();
};

const take = async (response) => {
    if (new URL(response.url).pathname === location.pathname) show(await read(response));
    else location.assign(response.url);
};

let waiting;
const watch = () => {
    clearTimeout(waiting);
    const { poll } = document.getElementById('content').dataset;
    if (!poll) return;
    waiting = setTimeout(async () => {
        try {
            const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
            if (response.ok) await take(response); else watch();
        } catch {
            watch();
        }
    }, Number(poll));
};

document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-in-place]')) return;
    event.preventDefault();
    form.setAttribute('aria-busy', 'true');
    try {
        await take(await fetch(form.action, { method: 'POST', body: new URLSearchParams(new FormData(form, event.submitter)) }));
        form.removeAttribute('aria-busy');
    } catch {
        location.reload();
    }
});

// On a phone the sections are a strip: the one that is open is in sight.
document.querySelector('.side [aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'center' });

watch();
