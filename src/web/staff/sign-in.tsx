import { Button, Input } from 'antd'
import { type SubmitEvent, useState } from 'react'
import { Mark } from '../base/mark.tsx'
import { Trouble } from '../base/parts.tsx'
import { useSubmit } from '../base/submit.ts'
import { useWords } from '../base/words.tsx'
import { begin } from './session.ts'

export const SignIn = () => {
  const { t } = useWords()
  const [user, setUser] = useState('')
  const [password, setPassword] = useState('')
  const submit = useSubmit((_key, input: { user: string; password: string }) => begin(input))
  const send = (event: SubmitEvent) => {
    event.preventDefault()
    void submit.run({ user: user.trim(), password })
  }
  return (
    <main className="sign-in">
      <title>{t.staff.page}</title>
      <form className="card" onSubmit={send}>
        <Mark size={44} />
        <h1 className="serif">{t.staff.title}</h1>
        <label htmlFor="user">{t.staff.user}</label>
        <Input
          id="user"
          value={user}
          autoComplete="username"
          maxLength={64}
          onChange={e => setUser(e.target.value)}
        />
        <label htmlFor="password">{t.staff.password}</label>
        <Input
          id="password"
          type="password"
          value={password}
          autoComplete="current-password"
          maxLength={200}
          onChange={event => setPassword(event.target.value)}
        />
        {submit.problem && <Trouble problem={submit.problem} />}
        <Button className="seal" type="primary" htmlType="submit" loading={submit.busy} block>
          {t.staff.submit}
        </Button>
      </form>
    </main>
  )
}
