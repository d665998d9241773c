// The page's state, fed by the WebSocket; tells its listeners at most once a frame.

import { decodeSurroundings } from './view/volume.js';

const LOG_LIMIT = 400;
const STALE_MS = 10_000;

export class Store {
  constructor() {
    this.link = 'connecting'; // connecting, live, lost
    this.status = null;
    this.health = null;
    this.log = [];
    this.args = new Map();
    this.lastSeq = null;
    this.latest = getJson('/api/events?after=0&limit=1'); // asked for at once, before anything is drawn
    this.latest.catch(() => {}); // whoever awaits it hears of it
    this.heard = 0;
    this.views = []; // the plain map at first, then the 3D view
    this.region = null;
    this.changes = []; // what changed since that region was told
    this.entities = [];
    this.loaded = 0;
    this.wanted = 0;
    this.loading = false;
    this.listeners = new Set();
    this.pending = false;
    this.retry = 500;
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    if (this.pending) return;
    this.pending = true;
    // A hidden page gets no frames but stays up to date by the timer.
    const tell = () => {
      if (!this.pending) return;
      this.pending = false;
      for (const listener of this.listeners) listener();
    };
    requestAnimationFrame(tell);
    setTimeout(tell, 250);
  }

  async start() {
    setInterval(() => this.checkHealth(), 5000);
    await this.connect();
  }

  async connect() {
    try {
      const { latest } = await (this.latest ?? getJson('/api/events?after=0&limit=1'));
      if (this.lastSeq === null) this.lastSeq = Math.max(0, latest - 200);
      else if (latest < this.lastSeq) {
        // Another bot, or one that began anew: its numbers start again.
        this.log = [];
        this.lastSeq = 0;
      }
    } catch {
      this.gone();
      return;
    } finally {
      this.latest = null;
    }
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws?after=${this.lastSeq}`);
    socket.onopen = () => {
      this.link = 'live';
      this.retry = 500;
      this.heard = Date.now();
      this.status = null;
      this.loaded = 0;
      this.wanted = 0;
      this.checkHealth();
      this.changed();
    };
    socket.onmessage = ({ data }) => this.receive(JSON.parse(data));
    socket.onclose = () => this.gone();
  }

  gone() {
    if (this.link !== 'lost') {
      this.link = 'lost';
      this.health = null;
      this.changed();
    }
    setTimeout(() => this.connect(), this.retry);
    this.retry = Math.min(5000, this.retry * 1.6);
  }

  receive(message) {
    this.heard = Date.now();
    switch (message.type) {
      case 'hello': break;
      case 'statusChanged': {
        const status = { ...this.status };
        for (const [key, value] of Object.entries(message.data)) {
          if (value === null) delete status[key];
          else status[key] = value;
        }
        this.status = status;
        for (const view of this.views) view.setStatus(status);
        break;
      }
      case 'entities':
        this.entities = message.data;
        for (const view of this.views) view.setEntities(message.data);
        break;
      case 'registryChanged': return; // the other page's business
      case 'surroundings': this.load(message.version); return;
      case 'blockChanged':
        this.changes.push(message);
        for (const view of this.views) view.applyChanges(message.seq, message.changes);
        return;
      case 'dropped': this.push({ note: `${message.count} older entries were left out` }); break;
      default:
        this.lastSeq = Math.max(this.lastSeq ?? 0, message.seq);
        this.push({ seq: message.seq, name: message.type, event: this.withArgs(message.event) });
    }
    this.changed();
  }

  // The end of a step names it by its id alone: its arguments are known from its start.
  withArgs(event) {
    const id = event.provenance?.stepId;
    if (!id) return event;
    if (event.data?.args) this.args.set(id, event.data.args);
    else if (this.args.has(id)) return { ...event, data: { ...event.data, args: this.args.get(id) } };
    if (this.args.size > LOG_LIMIT) this.args.delete(this.args.keys().next().value);
    return event;
  }

  push(entry) {
    this.log.push(entry);
    if (this.log.length > LOG_LIMIT) this.log.splice(0, this.log.length - LOG_LIMIT);
  }

  /** Load the surroundings; while one load runs, only the latest wish is kept. */
  async load(version) {
    this.wanted = version;
    if (this.loading) return;
    this.loading = true;
    try {
      while (this.wanted !== this.loaded) {
        const goal = this.wanted;
        const response = await fetch('/api/viewer/surroundings');
        if (!response.ok) break;
        const region = decodeSurroundings(await response.arrayBuffer());
        this.loaded = Math.max(goal, region.header.version);
        if (this.loaded > this.wanted) this.wanted = this.loaded;
        this.region = region;
        this.changes = this.changes.filter((c) => c.seq > region.header.seq);
        for (const view of this.views) this.show(view);
      }
    } catch (error) {
      console.warn(`surroundings: ${error.message}`);
    } finally {
      this.loading = false;
    }
  }

  show(view) {
    view.setRegion({ ...this.region, cells: this.region.cells.slice() });
    for (const { seq, changes } of this.changes) view.applyChanges(seq, changes);
  }

  /** From now on this view is told what there is, beginning with what is known. */
  attach(view) {
    this.views.push(view);
    if (this.status) view.setStatus(this.status);
    view.setEntities(this.entities);
    if (this.region) this.show(view);
  }

  detach(view) {
    this.views = this.views.filter((v) => v !== view);
  }

  async checkHealth() {
    if (this.link !== 'live') return;
    try {
      this.health = await getJson('/api/cognitive/health');
    } catch (error) {
      this.health = { status: 'down', reasons: [error.message] };
    }
    this.changed();
  }

  /** What is wrong, in sentences; empty when all is well. */
  troubles() {
    if (this.link === 'connecting') return [];
    if (this.link === 'lost') return ['The page has lost the bot. It connects again by itself as soon as the bot runs.'];
    if (this.health && this.health.status !== 'ok' && this.health.reasons.length) return this.health.reasons.map(sentence);
    if (this.heard && Date.now() - this.heard > STALE_MS) return ['Nothing was heard from the bot for a while.'];
    return [];
  }
}

/** Send a command; the answer is {ok, text}. `token` is needed where the service asks for one. */
export async function suggest(text, token) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  try {
    const response = await fetch('/api/cognitive/signals', { method: 'POST', headers, body: JSON.stringify({ text, source: 'dashboard' }) });
    const body = await response.json();
    if (response.ok) return { ok: body.accepted, text: body.reason };
    return { ok: false, text: `${sentence(body.error.message)} ${sentence(body.error.remedy)}`, needsToken: response.status === 401 };
  } catch {
    return { ok: false, text: 'The bot cannot be reached.' };
  }
}

async function getJson(path) {
  const response = await fetch(path);
  const body = await response.json();
  if (!response.ok) throw new Error(body.error?.message ?? `${path}: ${response.status}`);
  return body;
}

function sentence(text) {
  const s = String(text).trim();
  return s.charAt(0).toUpperCase() + s.slice(1) + (/[.!?…]$/.test(s) ? '' : '.');
}
