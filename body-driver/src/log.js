// Everything that is said aloud goes to stderr, one JSON object a line; stdout belongs to the frames.
import { inspect } from 'node:util'

function write (level, event, fields) {
  process.stderr.write(JSON.stringify({ level, event, ...fields }) + '\n')
}

export const log = {
  debug: (event, fields = {}) => write('debug', event, fields),
  info: (event, fields = {}) => write('info', event, fields),
  warn: (event, fields = {}) => write('warning', event, fields),
  error: (event, fields = {}) => write('error', event, fields)
}

/** Libraries print with console.*; their lines become log lines instead of breaking the frames. */
export function captureConsole () {
  const levels = { log: 'info', info: 'info', debug: 'debug', warn: 'warning', error: 'error', trace: 'debug' }
  for (const [method, level] of Object.entries(levels)) {
    console[method] = (...parts) => {
      const text = parts.map((part) => typeof part === 'string' ? part : inspect(part, { depth: 3 })).join(' ')
      write(level, 'library', { text: text.slice(0, 2000) })
    }
  }
}
