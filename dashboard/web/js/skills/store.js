// The registry as this page knows it. The WebSocket says that something changed; what it is, is asked for anew.

const RELOAD_MS = 250; // changes that come close together are asked for at once

export class RegistryStore {
  constructor() {
    this.link = 'connecting'; // connecting, live, lost
    this.me = null;
    this.list = null; // null: not loaded yet
    this.proposals = null;
    this.refusals = null;
    this.chosen = null;
    this.picked = false;
    this.detail = null; // {id, view, health, tree, reports, runs}; or {id, error}
    this.error = null;
    this.news = []; // {key, tone, text}: what changed while the page was open
    this.token = sessionStorage.getItem('token') ?? '';
    this.listeners = new Set();
    this.waiting = null;
    this.retry = 500;
    this.counter = 0;
    this.latest = 0; // the newest load; an older one that ends later is of no use
  }

  subscribe(listener) {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  changed() {
    for (const listener of this.listeners) listener();
  }

  start() {
    const follow = (event) => {
      this.picked = Boolean(event); // by somebody, not by the page
      this.choose(decodeURIComponent(location.hash.slice(1)) || null);
    };
    addEventListener('hashchange', follow);
    follow();
    this.connect();
  }

  connect() {
    const scheme = location.protocol === 'https:' ? 'wss' : 'ws';
    const socket = new WebSocket(`${scheme}://${location.host}/ws`);
    socket.onopen = () => {
      this.link = 'live';
      this.retry = 500;
      this.load();
    };
    socket.onmessage = ({ data }) => {
      if (JSON.parse(data).type === 'registryChanged') this.soon();
    };
    socket.onclose = () => {
      this.link = 'lost';
      this.changed();
      setTimeout(() => this.connect(), this.retry);
      this.retry = Math.min(5000, this.retry * 1.6);
    };
  }

  soon() {
    this.waiting ??= setTimeout(() => {
      this.waiting = null;
      this.load();
    }, RELOAD_MS);
  }

  async load() {
    try {
      const [me, list, proposals, refusals] = await Promise.all([
        this.get('/api/me'), this.get('/capabilities'), this.get('/capabilities/leaf/proposals'), this.get('/capabilities/audit/refusals?limit=30'),
      ]);
      this.tell(list, proposals);
      Object.assign(this, { me, list, proposals, refusals, error: null });
      if (!this.chosen && list.length + proposals.length > 0) this.chosen = first(list, proposals);
    } catch (error) {
      this.error = error;
    }
    this.changed();
    await this.loadDetail();
  }

  choose(id) {
    if (id === this.chosen && id !== null) return;
    this.chosen = id ?? (this.list ? first(this.list, this.proposals ?? []) : null);
    this.detail = null;
    this.changed();
    if (this.list) this.loadDetail();
  }

  async loadDetail() {
    const id = this.chosen;
    const turn = ++this.latest;
    if (!id || id.startsWith('leaf:')) return;
    const at = `/capabilities/${encodeURIComponent(id)}`;
    let detail;
    try {
      const view = await this.get(at);
      const drawn = view.record.kind === 'option' && view.record.spec;
      const [health, runs, reports, tree] = await Promise.all([
        this.get(`${at}/health`), this.get(`${at}/runs?limit=200`), this.get(`${at}/reports`), drawn ? this.get(`${at}/tree`) : null,
      ]);
      detail = { id, view, health, runs, reports, tree: tree?.nodes ?? null };
    } catch (error) {
      detail = { id, error };
    }
    if (turn !== this.latest) return;
    this.detail = detail;
    this.changed();
  }

  /** What is different from what was shown, said in a line each. */
  tell(list, proposals) {
    if (this.list === null) return;
    const before = new Map(this.list.map((one) => [one.id, one.status]));
    for (const one of list) {
      const was = before.get(one.id);
      if (was === undefined) this.say('', `${one.id} is registered and begins in ${one.status}.`, one.id);
      else if (was !== one.status) this.say({ active: 'good', shadow: 'warn' }[one.status] ?? 'bad', `${one.id}: ${was} → ${one.status}`, one.id);
    }
    const known = new Set(this.proposals.map((one) => one.spec.name + one.spec.version));
    for (const { spec } of proposals) if (!known.has(spec.name + spec.version)) this.say('', `A leaf is proposed: ${spec.name} ${spec.version}.`, `leaf:${spec.name}@${spec.version}`);
  }

  say(tone, text, id) {
    const key = ++this.counter;
    this.news = [...this.news.slice(-3), { key, tone, text, id }];
    setTimeout(() => {
      this.news = this.news.filter((one) => one.key !== key);
      this.changed();
    }, 9000);
  }

  async setToken(token) {
    this.token = token;
    if (token) sessionStorage.setItem('token', token);
    else sessionStorage.removeItem('token');
    await this.load();
  }

  get(path) {
    return this.ask('GET', path);
  }

  /** Ask the service; throws an Error with `code`, `remedy`, `findings` and `evidence` of its refusal. */
  async ask(method, path, body) {
    const headers = {};
    if (this.token) headers.Authorization = `Bearer ${this.token}`;
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    let response;
    try {
      response = await fetch(path, { method, headers, body: body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body) });
    } catch {
      throw Object.assign(new Error('The bot cannot be reached.'), { code: 'network', remedy: 'The page connects again by itself as soon as the bot runs.' });
    }
    const answer = await response.json().catch(() => null);
    if (response.ok && answer !== null) return answer;
    const error = answer?.error ?? { message: `${method} ${path} answered ${response.status}`, code: String(response.status) };
    throw Object.assign(new Error(error.message), { code: error.code, remedy: error.remedy, findings: error.findings ?? [], evidence: error.evidence ?? {} });
  }

  may(right) {
    return this.me?.rights.includes(right) ?? false;
  }
}

/** What is shown first: what is active and has run, else what there is. */
function first(list, proposals) {
  const order = [...list].sort((a, b) => rank(a) - rank(b) || b.runs - a.runs);
  return order[0]?.id ?? (proposals[0] ? `leaf:${proposals[0].spec.name}@${proposals[0].spec.version}` : null);
}

const rank = ({ status }) => ['active', 'shadow', 'retired', 'revoked'].indexOf(status);
