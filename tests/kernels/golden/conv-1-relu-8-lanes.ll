define void @kernel(ptr %x, ptr %w, ptr %post, ptr %y, i64 %pairs, i64 %rows, i64 %row_step, i64 %wrap_step, i64 %y_channel, i64 %low, i64 %high) {
entry:
  %v1 = getelementptr float, ptr %post, i64 0
  %v2 = load float, ptr %v1, align 4
  %v3 = insertelement <8 x float> poison, float %v2, i64 0
  %v4 = shufflevector <8 x float> %v3, <8 x float> poison, <8 x i32> zeroinitializer
  br label %enter
enter:
  %v5 = icmp sgt i64 %pairs, 0
  br i1 %v5, label %body, label %done
body:
  %pair = phi i64 [0, %enter], [%pair.next, %body]
  %row = phi i64 [1, %enter], [%row.next, %body]
  %xp = phi ptr [%x, %enter], [%xp.next, %body]
  %wp = phi ptr [%w, %enter], [%wp.next, %body]
  %a0_0_0 = phi <8 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v6 = getelementptr float, ptr %wp, i64 1024
  %v7 = getelementptr float, ptr %v6, i64 0
  call void @llvm.prefetch.p0(ptr %v7, i32 0, i32 3, i32 1)
  call void @llvm.codeview.annotation(metadata !0)
  %v8 = getelementptr float, ptr %wp, i64 0
  %v9 = load float, ptr %v8, align 4
  %v10 = insertelement <8 x float> poison, float %v9, i64 0
  %v11 = shufflevector <8 x float> %v10, <8 x float> poison, <8 x i32> zeroinitializer
  %v12 = getelementptr float, ptr %xp, i64 0
  %v13 = load <8 x float>, ptr %v12, align 4
  %v14 = call <8 x float> @llvm.fma.v8f32(<8 x float> %v13, <8 x float> %v11, <8 x float> %a0_0_0)
  %a0_0_0.next = bitcast <8 x float> %v14 to <8 x float>
  %last = icmp eq i64 %row, %rows
  %step = select i1 %last, i64 %wrap_step, i64 %row_step
  %row.one = add i64 %row, 1
  %row.next = select i1 %last, i64 1, i64 %row.one
  %xp.next = getelementptr float, ptr %xp, i64 %step
  %wp.next = getelementptr float, ptr %wp, i64 1
  %pair.next = add i64 %pair, 1
  %more = icmp slt i64 %pair.next, %pairs
  br i1 %more, label %body, label %done
done:
  %v15 = phi <8 x float> [%v4, %enter], [%a0_0_0.next, %body]
  %v16 = fcmp olt <8 x float> %v15, zeroinitializer
  %v17 = select <8 x i1> %v16, <8 x float> zeroinitializer, <8 x float> %v15
  %v18 = mul i64 %y_channel, 0
  %v19 = getelementptr float, ptr %y, i64 %v18
  %v20 = icmp sle i64 %low, 0
  %v21 = icmp sge i64 %high, 8
  %v22 = and i1 %v20, %v21
  br i1 %v22, label %plain, label %masked
plain:
  %v23 = getelementptr float, ptr %v19, i64 0
  store <8 x float> %v17, ptr %v23, align 4
  br label %end
masked:
  %v24 = insertelement <8 x i64> poison, i64 %low, i64 0
  %v25 = shufflevector <8 x i64> %v24, <8 x i64> poison, <8 x i32> zeroinitializer
  %v26 = icmp sge <8 x i64> <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>, %v25
  %v27 = insertelement <8 x i64> poison, i64 %high, i64 0
  %v28 = shufflevector <8 x i64> %v27, <8 x i64> poison, <8 x i32> zeroinitializer
  %v29 = icmp slt <8 x i64> <i64 0, i64 1, i64 2, i64 3, i64 4, i64 5, i64 6, i64 7>, %v28
  %v30 = and <8 x i1> %v26, %v29
  %v31 = getelementptr float, ptr %v19, i64 0
  call void @llvm.masked.store.v8f32.p0(<8 x float> %v17, ptr %v31, i32 4, <8 x i1> %v30)
  br label %end
end:
  ret void
}
declare <8 x float> @llvm.fma.v8f32(<8 x float>, <8 x float>, <8 x float>)
declare <8 x float> @llvm.masked.load.v8f32.p0(ptr, i32, <8 x i1>, <8 x float>)
declare void @llvm.masked.store.v8f32.p0(<8 x float>, ptr, i32, <8 x i1>)
declare void @llvm.codeview.annotation(metadata)
declare void @llvm.prefetch.p0(ptr, i32, i32, i32)
!0 = !{!""}
