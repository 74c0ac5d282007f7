(() => {
  const left = document.querySelector('[data-left]')
  if (left) {
    const end = performance.now() + Number(left.dataset.left) * 1000
    const show = () => {
      const s = Math.max(0, Math.round((end - performance.now()) / 1000))
      left.textContent = Math.floor(s / 60) + ':' + String(s % 60).padStart(2, '0')
      left.parentElement.hidden = false
      if (s > 0) setTimeout(show, 1000)
    }
    show()
  }
  if (parent !== window) {
    const tell = () => parent.postMessage({ clickbook: Math.ceil(document.body.getBoundingClientRect().height) }, '*')
    new ResizeObserver(tell).observe(document.body)
  }
})()
