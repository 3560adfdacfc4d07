import assert from 'node:assert/strict'
import { test } from 'node:test'
import { barChart, lineChart } from './svg.ts'

const numbers = (svg: string, pattern: RegExp): number[][] => [...svg.matchAll(pattern)].map(found => found.slice(1).map(Number))

test('ten times as much of both is a slope of one decade, wherever on the chart', () => {
  const svg = lineChart({
    title: 't',
    xLabel: 'nodes',
    yLabel: 's',
    series: [
      {
        name: 'a',
        points: [
          [100, 1],
          [1000, 10],
          [10_000, 100],
        ],
      },
    ],
  })
  const [first, second, third] = numbers(svg, /<circle cx="([\d.]+)" cy="([\d.]+)"/g) as [number[], number[], number[]]
  assert.deepEqual([second[0]! - first[0]!, second[1]! - first[1]!].map(Math.round), [third[0]! - second[0]!, third[1]! - second[1]!].map(Math.round))
})

test('what is not on a logarithmic axis is left out, and words are escaped', () => {
  const svg = lineChart({
    title: 'a < b & "c"',
    xLabel: 'x',
    yLabel: 'y',
    series: [
      {
        name: 'a',
        points: [
          [0, 1],
          [1, 0],
          [1, 1],
          [2, 3],
        ],
      },
    ],
  })
  assert.equal(numbers(svg, /<circle cx="([\d.]+)"/g).length, 2)
  assert.ok(svg.includes('<title>a &#60; b &#38; &#34;c&#34;</title>'))
})

test('bars are as long as their values', () => {
  const svg = barChart({
    title: 't',
    unit: '/s',
    bars: [
      { name: 'half', value: 50 },
      { name: 'whole', value: 100 },
    ],
  })
  assert.deepEqual(numbers(svg, /width="([\d.]+)" height="17"/g), [[170], [340]])
})
