import { api, ask, newKey } from '../api/client'

/** Passkey is a credential as the API takes it. */
type Credential = Record<string, unknown>

/** Why this page can have no passkeys, as a sentence; "" if it can. */
export function noPasskeys(available: boolean): string {
  if (!('PublicKeyCredential' in window) || typeof PublicKeyCredential.parseCreationOptionsFromJSON !== 'function')
    return 'This browser is too old for passkeys.'
  if (/^[\d.]+$|:/.test(location.hostname)) {
    const named = location.hostname === '127.0.0.1' ? `Open http://localhost:${location.port}/app/ for them.` : ''
    return `Passkeys need an address with a name. ${named}`.trim()
  }
  return available ? '' : 'The server has no address with https, which passkeys need.'
}

/** Registers a passkey of the person who is signed in. */
export async function addPasskey(label: string): Promise<void> {
  const begun = await ask(api.POST('/passkeys/begin', { params: { header: { 'Idempotency-Key': newKey() } } }))
  const publicKey = PublicKeyCredential.parseCreationOptionsFromJSON(
    begun.options as unknown as PublicKeyCredentialCreationOptionsJSON,
  )
  const credential = await fromDevice(() => navigator.credentials.create({ publicKey }))
  await ask(
    api.POST('/passkeys', {
      params: { header: { 'Idempotency-Key': newKey() } },
      body: { ceremony: begun.ceremony, credential, label },
    }),
  )
}

/** Signs in with a passkey, which the browser lets the person choose. */
export async function signInWithPasskey(): Promise<void> {
  const begun = await ask(api.POST('/sign-in/passkey/begin', { params: { header: { 'Idempotency-Key': newKey() } } }))
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(
    begun.options as unknown as PublicKeyCredentialRequestOptionsJSON,
  )
  const credential = await fromDevice(() => navigator.credentials.get({ publicKey }))
  await ask(
    api.POST('/sign-in/passkey', {
      params: { header: { 'Idempotency-Key': newKey() } },
      body: { ceremony: begun.ceremony, credential },
    }),
  )
}

async function fromDevice(call: () => Promise<globalThis.Credential | null>): Promise<Credential> {
  let made: globalThis.Credential | null
  try {
    made = await call()
  } catch (error) {
    if (error instanceof DOMException && error.name === 'InvalidStateError')
      throw new Error('This device has a passkey of yours already.')
    throw new Error('The device gave no passkey. Try again, or sign in by email.')
  }
  if (!(made instanceof PublicKeyCredential)) throw new Error('The device gave no passkey. Try again, or sign in by email.')
  return made.toJSON() as Credential
}
