/* Two soft tones, made here: no file to load, nothing to wait for. */
let context;

export function canSound() {
  return navigator.userActivation?.hasBeenActive ?? false;
}

export function chime() {
  if (!canSound()) return;
  context ??= new AudioContext();
  [660, 880].forEach((pitch, turn) => {
    const start = context.currentTime + turn * 0.18;
    const tone = new OscillatorNode(context, { frequency: pitch, type: "sine" });
    const volume = new GainNode(context, { gain: 0 });
    volume.gain.setTargetAtTime(0.2, start, 0.01);
    volume.gain.setTargetAtTime(0, start + 0.1, 0.12);
    tone.connect(volume).connect(context.destination);
    tone.start(start);
    tone.stop(start + 0.9);
  });
}
