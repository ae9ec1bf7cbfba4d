import { type SubmitEvent, useState } from 'react'
import type { AddressInput, MeJson } from '../../gateway/http/api/reader.ts'
import { MainAct } from '../base/acts.tsx'
import { post } from '../base/api.ts'
import { put } from '../base/data.ts'
import { Trouble } from '../base/parts.tsx'
import { goInstead, useRoute } from '../base/route.ts'
import { remember } from '../base/settings.ts'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { Field } from './fields.tsx'
import { useReader } from './session.ts'
import { Page } from './shell.tsx'
import { safeNext } from './sign-in.tsx'

const blank: AddressInput = { name: '', phone: '', province: '', city: '', district: '', address: '' }

const autoComplete = {
  name: 'name',
  phone: 'tel',
  province: 'address-level1',
  city: 'address-level2',
  district: 'address-level3',
  address: 'street-address',
} as const
const longest: Record<keyof AddressInput, number> = {
  name: 60,
  phone: 20,
  province: 30,
  city: 30,
  district: 30,
  address: 120,
}

export default function Address() {
  const { t } = useWords()
  const { query } = useRoute()
  const { data: me } = useReader()
  const [input, setInput] = useState(blank)
  const words = t.reader.address
  const submit = useSubmit((key, address: AddressInput) =>
    post<MeJson['addresses'][number]>('/api/me/addresses', address, key),
  )
  const send = async (event: SubmitEvent) => {
    event.preventDefault()
    const made = await submit.run(input)
    if (!made) return
    remember('address', made.id)
    remember('way', 'home')
    // The page that asked for it chooses it at once.
    if (me) put('/api/me', { ...me, addresses: [...me.addresses, made] })
    goInstead(safeNext(query.get('next') ?? '#/me'))
  }
  return (
    <Page title={words.title}>
      <form className="card form" onSubmit={send}>
        {(Object.keys(blank) as (keyof AddressInput)[]).map(name => (
          <Field
            key={name}
            label={words[name]}
            value={input[name]}
            change={value => setInput({ ...input, [name]: value })}
            autoComplete={autoComplete[name]}
            maxLength={longest[name]}
            {...(name === 'phone' ? { type: 'tel', inputMode: 'tel', pattern: '[0-9+\\-]{5,20}' } : {})}
          />
        ))}
        <p className="quiet small">{words.privacy}</p>
        {submit.problem && <Trouble problem={submit.problem} />}
        <MainAct type="submit" busy={submit.busy}>
          {words.submit}
        </MainAct>
      </form>
    </Page>
  )
}
