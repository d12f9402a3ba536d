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
        const isLost = content.contains(document.activeElement) || focused;
        content.replaceWith(next);
        if (isLost) (document.getElementById(focused) ?? next).focus({ preventScroll: true });
        const news = sayings(next).filter((text) => !before.has(text));
        if (news.length > 0) document.getElementById('announcer').textContent = news.join(' ');
    }

    watch();
};

const take = async (response) => {
    if (new URL(response.url).pathname === location.pathname) show(await read(response));
    else location.assign(response.url);
};

// What takes long is asked for ever more rarely, and not at all while nobody looks.
let waiting;
let rounds = 0;
const watch = () => {
    clearTimeout(waiting);
    const { poll } = document.getElementById('content').dataset;
    if (!poll || document.hidden) return;
    waiting = setTimeout(async () => {
        try {
            const response = await fetch(location.href, { headers: { Accept: 'text/html' } });
            if (response.ok) await take(response); else watch();
        } catch {
            watch();
        }
    }, Math.min(Number(poll) * 1.2 ** rounds++, 30000));
};

document.addEventListener('visibilitychange', () => watch());

document.addEventListener('submit', async (event) => {
    const form = event.target;
    if (!form.matches('[data-in-place]')) return;
    event.preventDefault();
    form.setAttribute('aria-busy', 'true');
    rounds = 0;
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

// Whether an entry's hash leads to the signed root, by RFC 6962 (2.1.1): nothing is taken from the server but what the proof consists of.
const bytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));
const hex = (hash) => [...hash].map((byte) => byte.toString(16).padStart(2, '0')).join('');
const node = async (left, right) => new Uint8Array(await crypto.subtle.digest('SHA-256', Uint8Array.of(1, ...left, ...right)));

const rootOf = async (leaf, index, size, path) => {
    let [hash, place, last] = [leaf, index, size - 1n];
    for (const sibling of path) {
        if (last === 0n) return null;
        if (place % 2n === 1n || place === last) {
            hash = await node(sibling, hash);
            while (place % 2n === 0n && place !== 0n) [place, last] = [place / 2n, last / 2n];
        } else {
            hash = await node(hash, sibling);
        }

        [place, last] = [place / 2n, last / 2n];
    }

    return last === 0n ? hash : null;
};

const proof = document.querySelector('[data-proof]');
if (proof) {
    const { number, size, leaf, path, root, good, bad } = proof.dataset;
    rootOf(bytes(leaf), BigInt(number) - 1n, BigInt(size), path.split(' ').filter(Boolean).map(bytes)).then((computed) => {
        const holds = computed !== null && hex(computed) === root;
        const verdict = proof.querySelector('[data-verdict]');
        verdict.textContent = holds ? good : bad;
        verdict.classList.remove('pending');
        verdict.classList.toggle('bad', !holds);
    });
}
