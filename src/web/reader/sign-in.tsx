import { type SubmitEvent, useState } from 'react'
import { MainAct } from '../base/acts.tsx'
import { Trouble } from '../base/parts.tsx'
import { goInstead, useRoute } from '../base/route.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { Places } from './delivery.tsx'
import { Field } from './fields.tsx'
import { begin, useLibrary } from './session.ts'
import { Page } from './shell.tsx'

/** Only an address of our own may be gone to after log-in. */
export const safeNext = (next: string | null): string => (next?.startsWith('#/') ? next : '#/')

export default function SignIn() {
  const { t, w } = useWords()
  const { query } = useRoute()
  const { library, libraries } = useLibrary()
  const [libraryId, setLibraryId] = useState<string>()
  const [card, setCard] = useState('')
  const [pin, setPin] = useState('')
  const words = t.reader.signInPage
  const submit = useSubmit((_key, input: { libraryId: string; card: string; pin: string }) => begin(input))
  const chosen = libraryId ?? library?.id
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    if (!chosen) return
    const me = await submit.run({ libraryId: chosen, card: card.trim(), pin })
    if (me) goInstead(me.joined ? safeNext(query.get('next')) : '#/join')
  }
  return (
    <Page title={words.title}>
      <form className="card form" onSubmit={send}>
        <Places
          label={words.library}
          value={chosen}
          options={libraries.map(l => ({ id: l.id, name: w(l.name) }))}
          choose={setLibraryId}
        />
        <Field label={words.card} value={card} change={setCard} autoComplete="username" maxLength={64} />
        <Field
          label={words.pin}
          value={pin}
          change={setPin}
          type="password"
          autoComplete="current-password"
          hint={words.pinHint}
          maxLength={64}
        />
        {submit.problem && <Trouble problem={submit.problem} />}
        <MainAct type="submit" busy={submit.busy}>
          {words.submit}
        </MainAct>
      </form>
      <p className="note">
        <a href="#/join">{words.join}</a>
      </p>
    </Page>
  )
}
