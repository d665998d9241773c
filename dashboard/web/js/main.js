import { render } from 'preact';
import { App } from './app.js';
import { html } from './html.js';
import { Store } from './store.js';

const store = new Store();
const root = document.getElementById('app');
root.replaceChildren();
render(html`<${App} store=${store} />`, root);
store.start();
