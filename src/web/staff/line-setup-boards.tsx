import { Button } from 'antd'
import { useId, useState } from 'react'
import type { SetupJson } from '../../gateway/http/api/locker-setup.ts'
import { Icon } from '../base/icons.tsx'
import { Trouble } from '../base/parts.tsx'
import { useWords } from '../base/words.tsx'
import type { LineSetupTexts } from '../i18n/line-setup-zh.ts'
import { readAddresses, writeAddresses } from './board-addresses.ts'
import { useAct } from './line-setup-use.ts'

/** Boards are being looked for, by questions alone. */
export const Looking = ({ setup, texts }: { setup: SetupJson; texts: LineSetupTexts }) => {
  const words = texts.looking
  const { act, busy, problem } = useAct(setup)
  const { progress } = setup
  const found = setup.boards.filter(one => one.heard === 'board')
  return (
    <section className="card panel setup-step" aria-label={words.title}>
      <h2>{progress ? words.title : words.connecting}</h2>
      <p className="quiet">{words.only}</p>
      <progress
        className="setup-progress"
        aria-label={words.title}
        {...(progress ? { value: progress.done, max: progress.of } : {})}
      />
      {progress && (
        <p role="status" className="figure">
          {progress.counting === null
            ? words.asks(progress.address, progress.done, progress.of)
            : words.counts(progress.address, progress.counting)}
        </p>
      )}
      <ul className="setup-found">
        {found.map(one => (
          <li key={one.address}>
            <Icon name="yes" size={20} /> {texts.boards.address(one.address)} · {texts.boards.room(one.room)}
          </li>
        ))}
      </ul>
      {problem && <Trouble problem={problem} />}
      {setup.mine && (
        <Button loading={busy} onClick={() => act({ act: 'stop-looking' })}>
          {words.stop}
        </Button>
      )}
    </section>
  )
}

type Board = SetupJson['boards'][number]

const BoardRow = (props: {
  board: Board
  texts: LineSetupTexts
  channels: number | undefined
  change: (channels: number | undefined) => void
}) => {
  const { board, channels, change } = props
  const words = props.texts.boards
  const id = useId()
  const good = board.heard === 'board'
  return (
    <li className={`setup-board ${board.heard}`}>
      <p>
        <Icon name={good ? 'yes' : 'alert'} size={20} /> <strong>{words.address(board.address)}</strong>{' '}
        {words.heard[board.heard]}
        {board.inSettings && <span className="quiet"> · {words.inSettings}</span>}
      </p>
      {good && (
        <div className="setup-board-use">
          <label className="setup-tick">
            <input
              type="checkbox"
              checked={channels !== undefined}
              onChange={event => change(event.target.checked ? board.channels : undefined)}
            />
            {words.use}
          </label>
          <label htmlFor={id}>{words.channels}</label>
          <input
            id={id}
            type="number"
            min={1}
            max={Math.max(board.room, board.channels)}
            disabled={channels === undefined}
            value={channels ?? ''}
            onChange={event => change(Math.max(1, event.target.valueAsNumber || 1))}
          />
          <span className="quiet small">{words.room(board.room)}</span>
        </div>
      )}
    </li>
  )
}

/** What answered, and the step to the doors: all shut, and read once. */
export const Boards = ({ setup, texts }: { setup: SetupJson; texts: LineSetupTexts }) => {
  const { w } = useWords()
  const words = texts.boards
  const id = useId()
  const { act, busy, problem } = useAct(setup)
  const good = setup.boards.filter(one => one.heard === 'board')
  const [changed, change] = useState<ReadonlyMap<number, number | undefined>>(new Map())
  const [written, write] = useState(() => writeAddresses(setup.boards.map(one => one.address)) || '1-8')
  const channelsOf = (board: Board) =>
    changed.has(board.address) ? changed.get(board.address) : board.channels
  const chosen = good.flatMap(board => {
    const channels = channelsOf(board)
    return channels === undefined ? [] : [{ address: board.address, channels }]
  })
  const addresses = readAddresses(written, 0, 255)
  return (
    <section className="card panel setup-step" aria-label={words.title}>
      <h2>{words.title}</h2>
      {setup.problem && (
        <p className="risk late" role="alert">
          <Icon name="alert" size={20} /> {w(setup.problem.say)}
          {setup.problem.their && <code> {setup.problem.their}</code>}
        </p>
      )}
      {good.length === 0 && !setup.problem && (
        <p className="risk late" role="alert">
          <Icon name="alert" size={20} /> {words.none} {words.noneText}
        </p>
      )}
      {setup.sounds.length > 0 && (
        <div>
          <p>{words.sounds}</p>
          <ul>
            {setup.sounds.map(one => (
              <li key={one.en}>{w(one)}</li>
            ))}
          </ul>
        </div>
      )}
      {setup.echo && (
        <p className="quiet">
          <Icon name="look" size={20} /> {words.echo}
        </p>
      )}
      <ul className="setup-boards">
        {setup.boards.map(board => (
          <BoardRow
            key={board.address}
            board={board}
            texts={texts}
            channels={channelsOf(board)}
            change={channels => change(new Map(changed).set(board.address, channels))}
          />
        ))}
      </ul>
      {problem && <Trouble problem={problem} />}
      {setup.mine && good.length > 0 && (
        <>
          <p className="quiet">{words.shutText}</p>
          <Button
            className="setup-main"
            type="primary"
            autoFocus
            loading={busy}
            disabled={chosen.length === 0}
            onClick={() => act({ act: 'shut', boards: chosen })}
          >
            {words.shut}
          </Button>
        </>
      )}
      {setup.mine && (
        <form
          className="setup-again"
          onSubmit={event => {
            event.preventDefault()
            if (addresses) void act({ act: 'look', addresses: [...addresses] })
          }}
        >
          <label htmlFor={id}>{texts.begin.addresses}</label>
          <input id={id} maxLength={200} value={written} onChange={event => write(event.target.value)} />
          <Button htmlType="submit" disabled={!addresses} loading={busy}>
            {words.again}
          </Button>
        </form>
      )}
    </section>
  )
}
