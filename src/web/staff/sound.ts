import type { ScanResultJson } from '../../gateway/http/api/staff.ts'
import { recall, remember } from '../base/settings.ts'

/** Each answer has its own tune, so that nobody must look up from the book: rising, level twice, low and long. */
const tunes: Record<
  ScanResultJson['signal'],
  readonly (readonly [pitch: number, from: number, length: number])[]
> = {
  yes: [
    [660, 0, 0.09],
    [990, 0.1, 0.14],
  ],
  look: [
    [620, 0, 0.14],
    [620, 0.2, 0.14],
  ],
  no: [[170, 0, 0.45]],
}

let audio: AudioContext | undefined

export const soundIsOn = (): boolean => recall('sound') !== '0'
export const setSound = (on: boolean): void => remember('sound', on ? '1' : '0')

/** Silent where the browser has no audio or does not allow it yet; the colour and the word always say it too. */
export const play = (signal: ScanResultJson['signal']): void => {
  if (!soundIsOn() || typeof AudioContext === 'undefined') return
  audio ??= new AudioContext()
  for (const [pitch, from, length] of tunes[signal]) {
    const tone = audio.createOscillator()
    const volume = audio.createGain()
    const start = audio.currentTime + from
    tone.type = signal === 'no' ? 'sawtooth' : 'sine'
    tone.frequency.value = pitch
    volume.gain.setValueAtTime(0.18, start)
    volume.gain.exponentialRampToValueAtTime(0.001, start + length)
    tone.connect(volume).connect(audio.destination)
    tone.start(start)
    tone.stop(start + length)
  }
}
