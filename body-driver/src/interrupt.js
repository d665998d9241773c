/** `promise`, unless before it settles the request is cancelled, the body dies or the connection ends. */
export async function unlessInterrupted ({ signal, watch }, promise) {
  let unwatch
  let aborted
  const interruption = new Promise((_resolve, reject) => {
    unwatch = watch(reject)
    aborted = () => reject(signal.reason)
    if (signal.aborted) aborted()
    else signal.addEventListener('abort', aborted, { once: true })
  })
  promise.catch(() => {}) // it may fail after the interruption, when nobody listens any longer
  try {
    return await Promise.race([promise, interruption])
  } finally {
    unwatch()
    signal.removeEventListener('abort', aborted)
  }
}
