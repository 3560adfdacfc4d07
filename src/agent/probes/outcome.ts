/** What came of one probe or hook; `unknown`: it could not be asked, which says nothing of the container. */
export interface Outcome {
  readonly verdict: 'success' | 'warning' | 'failure' | 'unknown'
  readonly message: string
}

const MOST_MESSAGE = 1024

export const SUCCESS: Outcome = { verdict: 'success', message: '' }
export const failure = (message: string): Outcome => ({ verdict: 'failure', message: message.slice(0, MOST_MESSAGE) })
export const unknown = (message: string): Outcome => ({ verdict: 'unknown', message: message.slice(0, MOST_MESSAGE) })
