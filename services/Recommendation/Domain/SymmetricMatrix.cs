using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Personalization.Recommendation.Domain;

/// <summary>A symmetric matrix in double precision: its lower triangle, in square tiles.</summary>
/// <remarks>
/// It is inverted by a sweep over blocks of pivots: with C the columns of a block and D the inverse of its pivots, all other elements become
/// A - C D C', the columns C D, the pivots -D; after the last block the matrix is -1 times the inverse of what it was. The tiles depend on nothing
/// of each other and sum in one order, so the bits are the same on any number of threads.
/// </remarks>
public sealed class SymmetricMatrix
{
    // The kernel holds eight rows of eight numbers in registers. Rows are padded to whole groups.
    private const int Group = 8;
    private const int Block = 256;

    private readonly int padded;
    private readonly double[][] tiles;

    public SymmetricMatrix(int size)
    {
        Size = size;
        padded = (size + Group - 1) / Group * Group;
        var rows = (padded + Block - 1) / Block;
        tiles = new double[rows * (rows + 1) / 2][];
        for (var tile = 0; tile < tiles.Length; tile++) tiles[tile] = new double[RowsOf(PairOf(tile).Row) * Block];
        for (var i = size; i < padded; i++) this[i, i] = 1;
    }

    private SymmetricMatrix(SymmetricMatrix other) => (Size, padded, tiles) = (other.Size, other.padded, Array.ConvertAll(other.tiles, tile => (double[])tile.Clone()));

    public int Size { get; }

    /// <summary>An element. Both orders name the same.</summary>
    public ref double this[int row, int column] => ref row < column ? ref this[column, row] : ref TileOf(row / Block, column / Block)[(row % Block * Block) + (column % Block)];

    public SymmetricMatrix Copy() => new(this);

    /// <summary>Whole rows in single precision, which are also the columns.</summary>
    public float[][] ToRows()
    {
        var rows = new float[Size][];
        for (var i = 0; i < Size; i++) rows[i] = new float[Size];
        for (var tile = 0; tile < tiles.Length; tile++)
        {
            var (from, at) = PairOf(tile);
            var (lastRow, lastColumn) = (Math.Min((from + 1) * Block, Size), Math.Min((at + 1) * Block, Size));

            // By groups, so that what is written across the rows stays in the cache.
            for (var left = at * Block; left < lastColumn; left += Group)
            {
                for (var i = Math.Max(from * Block, left); i < lastRow; i++)
                {
                    for (var j = left; j < Math.Min(left + Group, lastColumn) && j <= i; j++) rows[j][i] = rows[i][j] = (float)tiles[tile][(i % Block * Block) + (j % Block)];
                }
            }
        }

        return rows;
    }

    /// <summary>Puts the inverse of the matrix in its place. Afterwards or interrupted, the matrix that was is lost.</summary>
    /// <exception cref="InvalidOperationException">It is not positive definite.</exception>
    public void Invert(int threads, CancellationToken cancellationToken)
    {
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads, CancellationToken = cancellationToken };
        var (groups, blocks) = (padded / Group, (padded + Block - 1) / Block);
        var (columns, products) = (new double[Block * padded], new double[Block * padded]);
        var inverse = new double[Block * Block];
        for (var block = 0; block < blocks; block++)
        {
            var (from, count) = (block * Block, RowsOf(block));
            SweepPivots(TileOf(block, block), count, inverse);
            Parallel.For(0, groups, parallel, group =>
            {
                if (group * Group >= from && group * Group < from + count) return;
                ReadColumns(group, block, count, columns);
                Multiply(group, count, inverse, columns, products);
                WriteColumns(group, block, count, products);
            });
            Parallel.For(0, tiles.Length, parallel, tile =>
            {
                var (row, column) = PairOf(tile);
                if (row != block && column != block) Update(row, column, count, products, columns);
            });
        }

        Parallel.For(0, tiles.Length, parallel, tile =>
        {
            foreach (ref var element in tiles[tile].AsSpan()) element = -element;
        });
    }

    private static (int Row, int Column) PairOf(int tile)
    {
        var row = (int)((Math.Sqrt((8.0 * tile) + 1) - 1) / 2);
        return (row, tile - (row * (row + 1) / 2));
    }

    private double[] TileOf(int row, int column) => tiles[(row * (row + 1) / 2) + column];

    private int RowsOf(int block) => Math.Min(Block, padded - (block * Block));

    /// <summary>Sweeps the pivots among themselves. What comes out, also into the matrix, is -1 times their inverse.</summary>
    private static void SweepPivots(double[] pivots, int count, double[] inverse)
    {
        var column = new double[count];
        for (var k = 0; k < count; k++)
        {
            var pivot = pivots[(k * Block) + k];
            if (!(pivot > 0)) throw new InvalidOperationException("The matrix is not positive definite.");
            for (var j = 0; j < count; j++) column[j] = j <= k ? pivots[(k * Block) + j] : pivots[(j * Block) + k];
            for (var i = 0; i < count; i++)
            {
                var factor = column[i] / pivot;
                if (i != k) Subtract(pivots.AsSpan(i * Block, i + 1), factor, column);
                if (i > k) pivots[(i * Block) + k] = factor;
                else if (i < k) pivots[(k * Block) + i] = factor;
            }

            pivots[(k * Block) + k] = -1 / pivot;
        }

        for (var i = 0; i < count; i++)
        {
            for (var j = 0; j <= i; j++) inverse[(i * Block) + j] = inverse[(j * Block) + i] = pivots[(i * Block) + j];
        }
    }

    private static void Subtract(Span<double> row, double factor, ReadOnlySpan<double> column)
    {
        var rows = MemoryMarshal.Cast<double, Vector<double>>(row);
        var columns = MemoryMarshal.Cast<double, Vector<double>>(column[..row.Length]);
        for (var v = 0; v < rows.Length; v++) rows[v] -= factor * columns[v];
        for (var j = rows.Length * Vector<double>.Count; j < row.Length; j++) row[j] -= factor * column[j];
    }

    /// <summary>The block's columns of a group of rows, one column after the other.</summary>
    private void ReadColumns(int group, int block, int count, double[] columns)
    {
        var (at, first) = (group * Group / Block, group * Group % Block);
        var tile = at < block ? TileOf(block, at) : TileOf(at, block);
        for (var k = 0; k < count; k++)
        {
            var column = columns.AsSpan(((group * Block) + k) * Group, Group);
            if (at < block) tile.AsSpan((k * Block) + first, Group).CopyTo(column);
            else for (var i = 0; i < Group; i++) column[i] = tile[((first + i) * Block) + k];
        }
    }

    /// <summary>Multiplies them with -D.</summary>
    private static void Multiply(int group, int count, double[] inverse, double[] columns, double[] products)
    {
        products.AsSpan(group * Block * Group, count * Group).Clear();
        for (var k = 0; k < count; k += Group)
        {
            AddProduct(
                ref inverse[k], Block, ref columns[group * Block * Group], count, ref products[((group * Block) + k) * Group], Group);
        }
    }

    private void WriteColumns(int group, int block, int count, double[] products)
    {
        var (at, first) = (group * Group / Block, group * Group % Block);
        var tile = at < block ? TileOf(block, at) : TileOf(at, block);
        for (var k = 0; k < count; k++)
        {
            var column = products.AsSpan(((group * Block) + k) * Group, Group);
            for (var i = 0; i < Group; i++)
            {
                if (at < block) tile[(k * Block) + first + i] = -column[i];
                else tile[((first + i) * Block) + k] = -column[i];
            }
        }
    }

    private void Update(int row, int column, int count, double[] products, double[] columns)
    {
        var tile = TileOf(row, column);
        var (rows, width) = (RowsOf(row), RowsOf(column));
        for (var j = 0; j < width; j += Group)
        {
            for (var i = row == column ? j : 0; i < rows; i += Group)
            {
                AddProduct(
                    ref products[((row * Block) + i) * Block], Group,
                    ref columns[((column * Block) + j) * Block], count, ref tile[(i * Block) + j], Block);
            }
        }
    }

    /// <summary>Adds to a group of rows the sum over the depth of a number of each row times the same eight numbers.</summary>
    /// <remarks>
    /// Eight sums keep both multipliers of a processor with AVX-512 busy. With AVX2 the sums don't all fit into its registers: it takes a third longer
    /// there than a kernel of four rows would, for the same bits.
    /// </remarks>
    private static void AddProduct(ref double left, int leftStride, ref double right, int depth, ref double target, int targetStride)
    {
        Vector512<double> a = default, b = default, c = default, d = default, e = default, f = default, g = default, h = default;
        for (var k = 0; k < depth; k++)
        {
            var row = Vector512.LoadUnsafe(ref right);
            a = Vector512.FusedMultiplyAdd(Vector512.Create(left), row, a);
            b = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 1)), row, b);
            c = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 2)), row, c);
            d = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 3)), row, d);
            e = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 4)), row, e);
            f = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 5)), row, f);
            g = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 6)), row, g);
            h = Vector512.FusedMultiplyAdd(Vector512.Create(Unsafe.Add(ref left, 7)), row, h);
            left = ref Unsafe.Add(ref left, leftStride);
            right = ref Unsafe.Add(ref right, Group);
        }

        Add(ref target, a);
        Add(ref Unsafe.Add(ref target, targetStride), b);
        Add(ref Unsafe.Add(ref target, 2 * targetStride), c);
        Add(ref Unsafe.Add(ref target, 3 * targetStride), d);
        Add(ref Unsafe.Add(ref target, 4 * targetStride), e);
        Add(ref Unsafe.Add(ref target, 5 * targetStride), f);
        Add(ref Unsafe.Add(ref target, 6 * targetStride), g);
        Add(ref Unsafe.Add(ref target, 7 * targetStride), h);

        static void Add(ref double row, Vector512<double> sum) => (Vector512.LoadUnsafe(ref row) + sum).StoreUnsafe(ref row);
    }
}
